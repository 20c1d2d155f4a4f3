import Config

config :lantern, port: 8640
