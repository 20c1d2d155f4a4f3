[{"plum", 4}, {"quince", 2}]
