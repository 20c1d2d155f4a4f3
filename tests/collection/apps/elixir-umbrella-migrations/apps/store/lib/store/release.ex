defmodule Store.Release do
  require Logger

  def migrate do
    Application.load(:store)
    {:ok, :jars} = :dets.open_file(:jars, file: Store.file())

    for script <- Application.app_dir(:store, "priv/migrations") |> Path.join("*.exs") |> Path.wildcard() do
      {jars, _} = Code.eval_file(script)
      :dets.insert(:jars, jars)
      IO.puts("migrated #{Path.basename(script)}")
    end

    :dets.close(:jars)
  end
end
