namespace :notes do
  desc "Print the titles of all notes"
  task titles: :environment do
    puts Note.order(:title).pluck(:title)
  end
end
