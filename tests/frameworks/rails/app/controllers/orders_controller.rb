# frozen_string_literal: true

# A shop with one thing to order.
class OrdersController < ApplicationController
  VOUCHERS = {}.freeze

  def home; end

  def new; end

  # Nobody has thought of a voucher that is none.
  def create
    voucher = params[:voucher].presence
    VOUCHERS[voucher].price if voucher
    session[:user] = 'u-4711'
    Shop.received = params.permit(:name, :password).to_h
    redirect_to '/done', status: :see_other
  end

  def done; end

  def received
    render json: Shop.received
  end
end
