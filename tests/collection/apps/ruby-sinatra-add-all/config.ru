require_relative "app"

run Handbook
