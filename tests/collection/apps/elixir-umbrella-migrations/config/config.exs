import Config

config :logger, level: :info
config :web, title: "Larder"
