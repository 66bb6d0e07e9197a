module atlas-restore-gateway/test/replicas

go 1.26.0
