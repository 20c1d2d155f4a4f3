CREATE TABLE links (
  id serial PRIMARY KEY,
  code text NOT NULL UNIQUE,
  target text NOT NULL
);
