require "sinatra/base"
require_relative "lib/store"

class Links < Sinatra::Base
  set :root, __dir__

  get "/health" do
    Store.ready? ? "ok" : halt(503, "no database")
  end

  get "/" do
    @links = Store.newest
    erb :index
  end

  post "/links" do
    redirect "/#{Store.add(params.fetch("target"))}/info"
  end

  get "/:code/info" do
    @link = Store.find(params[:code]) or halt 404
    erb :info
  end

  get "/:code" do
    link = Store.find(params[:code]) or halt 404
    redirect link["target"]
  end
end
