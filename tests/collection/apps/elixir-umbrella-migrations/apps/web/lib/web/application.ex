defmodule Web.Application do
  use Application

  def start(_type, _arguments) do
    Supervisor.start_link([{Task, &Web.Server.run/0}], strategy: :one_for_one)
  end
end
