require "pg"

# Links in PostgreSQL; their codes are made of their numbers.
module Store
  def self.connection
    @connection ||= PG.connect(ENV.fetch("DATABASE_URL"))
  end

  def self.ready?
    connection.exec("SELECT 1").ntuples == 1
  rescue PG::Error
    false
  end

  def self.newest
    connection.exec("SELECT code, target FROM links ORDER BY id DESC LIMIT 20").to_a
  end

  def self.find(code)
    connection.exec_params("SELECT code, target FROM links WHERE code = $1", [code]).first
  end

  def self.add(target)
    id = connection.exec("SELECT nextval('links_id_seq') AS id").first["id"].to_i
    code = (id + 1000).to_s(36)
    connection.exec_params("INSERT INTO links (id, code, target) VALUES ($1, $2, $3)", [id, code, target])
    code
  end
end
