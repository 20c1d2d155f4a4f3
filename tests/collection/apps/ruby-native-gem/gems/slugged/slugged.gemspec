Gem::Specification.new do |spec|
  spec.name = "slugged"
  spec.version = "0.1.0"
  spec.summary = "Sums bytes"
  spec.authors = ["Example"]
  spec.license = "MIT"
  spec.files = Dir["lib/**/*.rb", "ext/**/*"]
  spec.extensions = ["ext/slugged/extconf.rb"]
end
