require "sinatra/base"
require_relative "lib/pages"

class Handbook < Sinatra::Base
  set :root, __dir__
  set :host_authorization, permitted_hosts: []

  get "/" do
    @pages = Pages.all
    erb :index
  end

  get "/search" do
    @pages = Pages.search(params.fetch("q", ""))
    erb :index
  end

  get "/pages/:name" do
    @page = Pages.find(params[:name]) or halt 404, erb(:missing)
    erb :page
  end
end
