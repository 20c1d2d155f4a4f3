require "slugged/slugged"
