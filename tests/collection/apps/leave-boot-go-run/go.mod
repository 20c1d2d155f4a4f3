module example.com/now

go 1.22
