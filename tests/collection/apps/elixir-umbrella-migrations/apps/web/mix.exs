defmodule Web.MixProject do
  use Mix.Project

  def project do
    [
      app: :web,
      version: "0.2.0",
      build_path: "../../_build",
      config_path: "../../config/config.exs",
      deps_path: "../../deps",
      lockfile: "../../mix.lock",
      elixir: "~> 1.14",
      deps: [{:store, in_umbrella: true}]
    ]
  end

  def application do
    [extra_applications: [:logger, :crypto, :eex], mod: {Web.Application, []}]
  end
end
