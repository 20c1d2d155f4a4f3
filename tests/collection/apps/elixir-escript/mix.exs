defmodule Roman.MixProject do
  use Mix.Project

  def project do
    [app: :roman, version: "0.1.0", elixir: "~> 1.12", escript: [main_module: Roman.CLI]]
  end
end
