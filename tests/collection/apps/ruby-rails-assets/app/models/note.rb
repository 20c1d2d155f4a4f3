class Note < ApplicationRecord
  validates :title, presence: true

  def html
    Redcarpet::Markdown.new(Redcarpet::Render::HTML.new(escape_html: true)).render(body.to_s)
  end
end
