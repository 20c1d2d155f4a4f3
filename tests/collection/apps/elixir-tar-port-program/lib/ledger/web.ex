defmodule Ledger.Web do
  def run do
    {:ok, listener} = :gen_tcp.listen(4100, [:binary, active: false, packet: :http_bin, reuseaddr: true])
    accept(listener)
  end

  defp accept(listener) do
    {:ok, socket} = :gen_tcp.accept(listener)

    with {:ok, {:http_request, _, {:abs_path, path}, _}} <- :gen_tcp.recv(socket, 0, 5_000) do
      body = "#{path} #{Ledger.Sums.of(path)}\n"
      :gen_tcp.send(socket, "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n" <> body)
    end

    :gen_tcp.close(socket)
    accept(listener)
  end
end
