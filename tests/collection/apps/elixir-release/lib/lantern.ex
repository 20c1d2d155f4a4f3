defmodule Lantern do
  use Application

  def start(_type, _arguments) do
    Supervisor.start_link([{Task, &serve/0}], strategy: :one_for_one)
  end

  defp serve do
    port = Application.fetch_env!(:lantern, :port)
    {:ok, listener} = :gen_tcp.listen(port, [:binary, active: false, reuseaddr: true])
    loop(listener)
  end

  defp loop(listener) do
    {:ok, client} = :gen_tcp.accept(listener)
    {:ok, _} = :gen_tcp.recv(client, 0)
    sum = :crypto.hash(:sha256, "lantern") |> Base.encode16(case: :lower)
    :gen_tcp.send(client, "HTTP/1.0 200 OK\r\n\r\n#{sum}\n")
    :gen_tcp.close(client)
    loop(listener)
  end
end
