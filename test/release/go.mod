module atlas-restore-gateway/test/release

go 1.26.0
