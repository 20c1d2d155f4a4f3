INSERT INTO items VALUES ('bread', 3), ('milk', 2) ON CONFLICT DO NOTHING;
