defmodule Store do
  def file, do: Application.fetch_env!(:store, :folder) |> Path.join("jars.dets") |> to_charlist()

  def all, do: :dets.foldl(fn {name, count}, all -> [{name, count} | all] end, [], :jars) |> Enum.sort()
end
