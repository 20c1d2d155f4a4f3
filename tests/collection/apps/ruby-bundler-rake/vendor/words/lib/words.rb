module Words
  def self.plural(word) = "#{word}s"
end
