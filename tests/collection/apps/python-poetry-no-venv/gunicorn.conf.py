bind = "0.0.0.0:8800"
workers = 1
