module example.com/gitlog

go 1.22
