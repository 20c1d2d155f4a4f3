group "default" { targets = ["base", "api", "auth"] }
target "base" {
  context = "base"
  tags = ["internal/base"]
}
target "api" {
  context = "services/api"
  contexts = { "internal/base" = "target:base" }
}
target "auth" {
  context = "services/auth"
  contexts = { "internal/base" = "target:base" }
}
