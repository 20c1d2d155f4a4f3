defmodule Larder.MixProject do
  use Mix.Project

  def project do
    [
      apps_path: "apps",
      version: "0.2.0",
      start_permanent: Mix.env() == :prod,
      releases: [
        larder: [
          applications: [store: :permanent, web: :permanent, runtime_tools: :permanent],
          include_executables_for: [:unix]
        ]
      ]
    ]
  end
end
