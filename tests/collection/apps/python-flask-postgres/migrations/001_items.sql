CREATE TABLE IF NOT EXISTS items (name text PRIMARY KEY, price integer NOT NULL);
