defmodule Web.Server do
  require Logger

  def run do
    port = Application.fetch_env!(:web, :port)
    {:ok, listener} = :gen_tcp.listen(port, [:binary, active: false, packet: :http_bin, reuseaddr: true])
    Logger.info("listening on #{port}")
    accept(listener)
  end

  defp accept(listener) do
    {:ok, socket} = :gen_tcp.accept(listener)

    with {:ok, {:http_request, :GET, {:abs_path, path}, _}} <- :gen_tcp.recv(socket, 0, 5_000) do
      {status, type, body} = answer(path)
      :gen_tcp.send(socket, ["HTTP/1.0 ", status, "\r\nContent-Type: ", type, "\r\n\r\n", body])
    end

    :gen_tcp.close(socket)
    accept(listener)
  end

  defp answer("/") do
    page = Application.app_dir(:web, "priv/templates/index.html.eex")
    title = Application.fetch_env!(:web, :title)
    {"200 OK", "text/html", EEx.eval_file(page, title: title, jars: Store.all())}
  end

  defp answer("/larder.css") do
    {"200 OK", "text/css", File.read!(Application.app_dir(:web, "priv/static/larder.css"))}
  end

  defp answer(_path), do: {"404 Not Found", "text/plain", "not found\n"}
end
