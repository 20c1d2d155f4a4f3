defmodule Ledger.MixProject do
  use Mix.Project

  def project do
    [
      app: :ledger,
      version: "0.4.1",
      elixir: "~> 1.12",
      start_permanent: Mix.env() == :prod,
      releases: [ledger: [steps: [:assemble, :tar], strip_beams: true]]
    ]
  end

  def application do
    [extra_applications: [:logger, :inets, :ssl], mod: {Ledger.Application, []}]
  end
end
