# frozen_string_literal: true

Rails.application.routes.draw do
  root 'orders#home'
  get 'order', to: 'orders#new'
  post 'order', to: 'orders#create'
  get 'done', to: 'orders#done'
  get 'received', to: 'orders#received'
end
