module atlas-restore-gateway/test/deb

go 1.26.0

require atlas-restore-gateway v0.0.0

replace atlas-restore-gateway => ../..
