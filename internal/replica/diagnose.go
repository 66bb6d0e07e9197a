package replica

import (
	"context"
	"crypto/tls"
	"strconv"
	"strings"
	"time"

	"github.com/redis/rueidis"
)

// Diagnosis is what Diagnose has seen of a server.
type Diagnosis struct {
	Version     string
	RoundTrip   time.Duration
	ClockOffset time.Duration // of the server's clock, against that of this machine
	Replicas    int           // that were alive within replicaTTL
	// UsedMemory and MaxMemory are in bytes; MaxMemory is 0 where there is no bound. Policy is what is evicted then.
	UsedMemory, MaxMemory int64
	Policy                string
}

// Servers returns the addresses that the URL names, and the TLS settings of their clients; nil without TLS.
func Servers(c Config) (addresses []string, settings *tls.Config, err error) {
	option, err := optionOf(c)
	return option.InitAddress, option.TLSConfig, err
}

// Diagnose connects to the server and reads what it says of itself. It writes nothing, and counts as no replica.
func Diagnose(ctx context.Context, c Config) (d Diagnosis, err error) {
	option, err := optionOf(c)
	if err != nil {
		return d, err
	}
	client, err := rueidis.NewClient(option)
	if err != nil {
		return d, err
	}
	defer client.Close()
	start := time.Now()
	at, err := client.Do(ctx, client.B().Time().Build()).AsIntSlice()
	if err != nil {
		return d, err
	}
	d.RoundTrip = time.Since(start)
	if len(at) == 2 {
		d.ClockOffset = time.Unix(at[0], at[1]*1000).Sub(start.Add(d.RoundTrip / 2))
	}
	info, err := client.Do(ctx, client.B().Info().Build()).ToString()
	if err != nil {
		return d, err
	}
	for line := range strings.Lines(info) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		switch name {
		case "redis_version":
			d.Version = value
		case "used_memory":
			d.UsedMemory, _ = strconv.ParseInt(value, 10, 64)
		case "maxmemory":
			d.MaxMemory, _ = strconv.ParseInt(value, 10, 64)
		case "maxmemory_policy":
			d.Policy = value
		}
	}
	if len(at) == 2 {
		since := strconv.FormatInt(at[0]*1000-replicaTTL.Milliseconds(), 10)
		name := c.Prefix + version + c.Keys.sealers[0].name(kindReplicas)
		n, err := client.Do(ctx, client.B().Zcount().Key(name).Min(since).Max("+inf").Build()).AsInt64()
		if err != nil {
			return d, err
		}
		d.Replicas = int(n)
	}
	return d, nil
}
