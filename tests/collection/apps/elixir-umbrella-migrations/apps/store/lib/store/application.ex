defmodule Store.Application do
  use Application

  def start(_type, _arguments) do
    {:ok, :jars} = :dets.open_file(:jars, file: Store.file())
    Supervisor.start_link([], strategy: :one_for_one)
  end
end
