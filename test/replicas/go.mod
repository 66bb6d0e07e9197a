module atlas-restore-gateway/test/replicas

go 1.26.0

require atlas-restore-gateway v0.0.0

require (
	github.com/hashicorp/golang-lru/v2 v2.0.7 // indirect
	github.com/redis/rueidis v1.0.79 // indirect
	golang.org/x/sys v0.49.0 // indirect
)

replace atlas-restore-gateway => ../..
