class NotesController < ApplicationController
  def index
    @notes = Note.order(:title)
  end

  def show
    @note = Note.find(params[:id])
  end

  def new
    @note = Note.new
  end

  def create
    @note = Note.new(params.require(:note).permit(:title, :body))
    @note.save ? redirect_to(@note) : render(:new)
  end
end
