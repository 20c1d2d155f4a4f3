Rails.application.routes.draw do
  root "notes#index"
  resources :notes, only: %i[index new create show]
  get "/up", to: proc { [200, {}, ["up"]] }
end
