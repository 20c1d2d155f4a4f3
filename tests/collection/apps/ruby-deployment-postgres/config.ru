require_relative "app"

run Links
