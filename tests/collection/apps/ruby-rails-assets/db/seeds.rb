Note.find_or_create_by!(title: "Welcome") { |note| note.body = "Write *something*." }
