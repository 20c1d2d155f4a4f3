import Config

config :web,
  port: String.to_integer(System.get_env("PORT", "4000")),
  secret: System.fetch_env!("SECRET_KEY_BASE")

config :store, folder: System.get_env("LARDER_DATA", "/var/lib/larder")
