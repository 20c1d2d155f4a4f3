ActiveRecord::Schema.define(version: 2024_03_01_120000) do
  create_table "notes", force: :cascade do |t|
    t.string "title", null: false
    t.text "body"
    t.datetime "created_at", precision: 6, null: false
    t.datetime "updated_at", precision: 6, null: false
  end
end
