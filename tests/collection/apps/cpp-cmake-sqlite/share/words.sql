CREATE TABLE word (word TEXT); INSERT INTO word VALUES ('layer'), ('digest');
