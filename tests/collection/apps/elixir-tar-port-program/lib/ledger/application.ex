defmodule Ledger.Application do
  use Application

  def start(_type, _arguments) do
    Supervisor.start_link([Ledger.Sums, {Task, &Ledger.Web.run/0}], strategy: :one_for_one)
  end
end
