require "redcarpet"

Page = Struct.new(:name, :title, :text) do
  def html
    Redcarpet::Markdown.new(Redcarpet::Render::HTML, tables: true).render(text)
  end
end

# The pages are Markdown files; their first line is the title.
module Pages
  FOLDER = File.expand_path("../content", __dir__)

  def self.all
    Dir[File.join(FOLDER, "*.md")].sort.map { |path| read(path) }
  end

  def self.find(name)
    all.find { |page| page.name == name }
  end

  def self.search(words)
    all.select { |page| page.text.downcase.include?(words.downcase) }
  end

  def self.read(path)
    text = File.read(path)
    Page.new(File.basename(path, ".md"), text.lines.first.delete_prefix("# ").strip, text)
  end
end
