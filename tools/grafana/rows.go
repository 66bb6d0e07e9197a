package main

func ptr(v float64) *float64 { return &v }

var redAt1 = []limit{{value: 1, color: "red"}}

// rows are the dashboard.
var rows = []row{
	{question: "Is it up?", panels: []panel{
		{
			title: "Gateways up", now: true, width: 4, unit: "none", none: "none",
			description: "Gateways that Prometheus scrapes. None: see the alert RestoreGatewayAbsent in docs/operations.md.",
			queries:     []query{{`sum(up{GATEWAY})`, "up"}},
			color:       "red", limits: []limit{{value: 1, color: "green"}},
		},
		{
			title: "Gateways down", now: true, width: 4, unit: "none", none: "none",
			description: "Gateways that Prometheus cannot scrape, of those that it has scraped in this time range.",
			queries:     []query{{`count(up{GATEWAY} == 0) or vector(0)`, "down"}},
			limits:      redAt1,
		},
		{
			title: "Alerts firing", now: true, width: 4, unit: "none", none: "none",
			description: "Alerts of deploy/alerts.yaml that are firing, of all gateways of this Prometheus. " +
				"docs/operations.md says what to do.",
			queries: []query{{
				`count(ALERTS{alertname=~"Atlas.+|RestoreGateway.+", alertstate="firing"}) or vector(0)`,
				"firing",
			}},
			limits: redAt1,
		},
		{
			title: "Operations", now: true, width: 4, unit: "ops", none: "none",
			description: "GraphQL operations a second. In a subscription each event is one.",
			queries:     []query{{perSecond("", `restore_gateway_graphql_operations_total{GATEWAY}`), "operations"}},
		},
		{
			title: "Responses with a status of 5xx", now: true, width: 4, unit: "percentunit", none: "no requests",
			description: "Share of the HTTP responses of /graphql with a status of 5xx.",
			queries: []query{{
				`(` + perSecond("", `restore_gateway_http_requests_total{GATEWAY, route="graphql", code=~"5.."}`) +
					` or vector(0)) / ` +
					perSecond("", `restore_gateway_http_requests_total{GATEWAY, route="graphql"}`),
				"5xx",
			}},
			limits: []limit{{value: .01, color: "orange"}, {value: .05, color: "red"}},
		},
		{
			title: "Since the last start", now: true, width: 4, unit: "s", none: "none",
			description: "Time since a gateway was started last.",
			queries:     []query{{`time() - max(process_start_time_seconds{GATEWAY})`, "since the start"}},
			color:       "orange", limits: []limit{{value: 600, color: "green"}},
		},
		{
			title: "Gateways", width: 12, unit: "none", states: []string{"down", "up"}, low: ptr(0), high: ptr(1),
			description: "Whether Prometheus could scrape the gateway.",
			queries:     []query{{`up{GATEWAY}`, "{{instance}}"}},
		},
		{
			title: "Versions", width: 12, unit: "none", stacked: true, low: ptr(0),
			description: "Gateways by version and revision of the program.",
			queries: []query{{
				`count by (version, revision) (restore_gateway_build_info{GATEWAY})`,
				"{{version}} {{revision}}",
			}},
		},
	}},
	{question: "Is it fast?", panels: []panel{
		{
			title: "Duration of operations", width: 12, unit: "s", low: ptr(0), exemplars: true,
			description: "From the parsed operation to its response: half, 90 and 99 of a hundred take at most so long. " +
				"The alert RestoreGatewaySlow has the limit.",
			queries: []query{
				{quantile("0.5", "", "restore_gateway_graphql_operation_duration_seconds_bucket"), "50 %"},
				{quantile("0.9", "", "restore_gateway_graphql_operation_duration_seconds_bucket"), "90 %"},
				{quantile("0.99", "", "restore_gateway_graphql_operation_duration_seconds_bucket"), "99 %"},
			},
			limits: []limit{{value: 5, color: "red"}},
		},
		{
			title: "Duration by type of operation (99 %)", width: 12, unit: "s", low: ptr(0),
			description: "The type unknown is that of requests that were rejected before it was known.",
			queries: []query{{
				quantile("0.99", "operation_type", "restore_gateway_graphql_operation_duration_seconds_bucket"),
				"{{operation_type}}",
			}},
		},
		{
			title: "Operations by type", width: 12, unit: "ops", stacked: true, low: ptr(0),
			description: "GraphQL operations a second. In a subscription each event is one.",
			queries: []query{{
				perSecond("operation_type", `restore_gateway_graphql_operations_total{GATEWAY}`),
				"{{operation_type}}",
			}},
		},
		{
			title: "Requests in flight", width: 12, unit: "none", low: ptr(0),
			description: "HTTP requests that are being answered, streams included.",
			queries:     []query{{`restore_gateway_http_requests_in_flight{GATEWAY}`, "{{instance}}"}},
		},
	}},
	{question: "What fails?", panels: []panel{
		{
			title: "Errors by code", width: 12, unit: "cpm", stacked: true, low: ptr(0), none: "no errors",
			description: "GraphQL errors a minute, by extensions.code. docs/querying.md explains each code.",
			queries:     []query{{perMinute("code", `restore_gateway_graphql_errors_total{GATEWAY}`), "{{code}}"}},
		},
		{
			title: "Operations by outcome", width: 12, unit: "ops", stacked: true, low: ptr(0),
			description: "ok; errors: some fields failed; refused: not executed; abandoned: the client left.",
			queries:     []query{{perSecond("outcome", `restore_gateway_graphql_operations_total{GATEWAY}`), "{{outcome}}"}},
		},
		{
			title: "HTTP responses by status", width: 12, unit: "reqps", stacked: true, low: ptr(0),
			description: "Responses of /graphql. 401, 403 and 429 are rejections of callers, 503 is a lack of memory.",
			queries: []query{{
				perSecond("code", `restore_gateway_http_requests_total{GATEWAY, route="graphql"}`), "{{code}}",
			}},
		},
		{
			title: "Responses not completed", width: 12, unit: "cpm", low: ptr(0),
			description: "Responses a minute that were not completed for lack of memory (--max-answer-memory). cut: the " +
				"client did not read; refused: 503.",
			queries: []query{{perMinute("reason", `restore_gateway_http_answers_ended_total{GATEWAY}`), "{{reason}}"}},
		},
	}},
	{question: "Is Atlas well?", panels: []panel{
		{
			title: "Requests that fail", width: 12, unit: "percentunit", low: ptr(0), high: ptr(1),
			description: "Share of the requests to Atlas with a status of 5xx, or without a complete response. The alert " +
				"AtlasFailing has the limit.",
			queries: []query{{
				perSecond("credential, endpoint_set", `restore_gateway_atlas_requests_total{UPSTREAM, class=~"5xx|none"}`) +
					` / (` +
					perSecond("credential, endpoint_set", `restore_gateway_atlas_requests_total{UPSTREAM}`) + ` > 0)`,
				"{{credential}} {{endpoint_set}}",
			}},
			limits: []limit{{value: .1, color: "red"}},
		},
		{
			title: "Requests by class of the status", width: 12, unit: "reqps", stacked: true, low: ptr(0),
			description: "Requests to Atlas, retries included. A 4xx is mostly the challenge of a Digest credential, or " +
				"something that does not exist; none: no complete response.",
			queries: []query{{perSecond("class", `restore_gateway_atlas_requests_total{UPSTREAM}`), "{{class}}"}},
		},
		{
			title: "Duration of requests (99 %)", width: 12, unit: "s", low: ptr(0), exemplars: true,
			description: "From the request to the end of its response, by endpoint set; of all credentials.",
			queries: []query{{
				quantile("0.99", "endpoint_set", "restore_gateway_atlas_request_duration_seconds_bucket"),
				"{{endpoint_set}}",
			}},
		},
		{
			title: "Circuit breaker", width: 12, unit: "none",
			states: []string{"closed", "half-open", "open"}, low: ptr(0), high: ptr(2),
			description: "The worst state by endpoint set. While it is open, Atlas gets no requests, and callers get " +
				"UPSTREAM_UNAVAILABLE.",
			queries: []query{{
				`max by (credential, endpoint_set) (restore_gateway_atlas_breaker_state{UPSTREAM, state="half-open"}` +
					` + ignoring (state) 2 * restore_gateway_atlas_breaker_state{UPSTREAM, state="open"})`,
				"{{credential}} {{endpoint_set}}",
			}},
		},
		{
			title: "Responses with status 429", width: 8, unit: "cpm", low: ptr(0),
			description: "Responses a minute by which Atlas refused a request for its rate limit, in spite of the " +
				"gateway's budget: others use the same limit.",
			queries: []query{{
				perMinute("credential, endpoint_set", `restore_gateway_atlas_rate_limited_total{UPSTREAM}`),
				"{{credential}} {{endpoint_set}}",
			}},
		},
		{
			title: "Retries", width: 8, unit: "cpm", low: ptr(0),
			description: "Attempts a minute after a failed one, and attempts that were not made because too many had failed.",
			queries: []query{
				{perMinute("credential", `restore_gateway_atlas_retries_total{UPSTREAM}`), "{{credential}} made"},
				{perMinute("credential", `restore_gateway_atlas_refused_retries_total{UPSTREAM}`), "{{credential}} not made"},
			},
		},
		{
			title: "Requests for access tokens", width: 8, unit: "cpm", low: ptr(0),
			description: "Requests a minute for access tokens of a service account, by class of the status. 4xx: Atlas " +
				"rejects the credential.",
			queries: []query{{
				perMinute("credential, class", `restore_gateway_atlas_token_requests_total{UPSTREAM}`),
				"{{credential}} {{class}}",
			}},
		},
	}},
	{question: "How much of Atlas's budget is left, and what spends it?", panels: []panel{
		{
			title: "Share of the budget that is left", width: 12, unit: "percentunit", low: ptr(0), high: ptr(1),
			description: "Of the project with the smallest share left. Atlas limits the requests of a project, for each " +
				"set of endpoints; sets that were not used are not shown. The alert AtlasBudgetLow has the limit.",
			queries: []query{{
				`min by (credential, endpoint_set) (restore_gateway_atlas_budget_remaining_calls{UPSTREAM}` +
					` / restore_gateway_atlas_budget_capacity_calls{UPSTREAM})`,
				"{{credential}} {{endpoint_set}}",
			}},
			color: "red", limits: []limit{{value: .2, color: "green"}},
		},
		{
			title: "Requests by credential and endpoint set", width: 12, unit: "cpm", stacked: true, low: ptr(0),
			description: "Requests to Atlas a minute: what spends the budget.",
			queries: []query{{
				perMinute("credential, endpoint_set", `restore_gateway_atlas_requests_total{UPSTREAM}`),
				"{{credential}} {{endpoint_set}}",
			}},
		},
		{
			title: "Requests left", width: 8, unit: "none", low: ptr(0),
			description: "Requests left to the project with the smallest share left.",
			queries: []query{{
				`min by (credential, endpoint_set) (restore_gateway_atlas_budget_remaining_calls{UPSTREAM})`,
				"{{credential}} {{endpoint_set}}",
			}},
		},
		{
			title: "Projects without budget", width: 8, unit: "none", low: ptr(0),
			description: "Projects whose budget is spent; their callers get RATE_LIMITED. The log names them.",
			queries: []query{{
				`max by (credential, endpoint_set) (restore_gateway_atlas_budget_spent_projects{UPSTREAM})`,
				"{{credential}} {{endpoint_set}}",
			}},
			limits: redAt1,
		},
		{
			title: "Requests not sent", width: 8, unit: "cpm", low: ptr(0),
			description: "Requests a minute that the gateway did not send: for the budget, or for the open circuit breaker.",
			queries: []query{{
				perMinute("credential, endpoint_set, by", `restore_gateway_atlas_refused_calls_total{UPSTREAM}`),
				"{{credential}} {{endpoint_set}}: {{by}}",
			}},
		},
	}},
	{question: "Do subscriptions work?", panels: []panel{
		{
			title: "Open subscriptions", width: 12, unit: "none", stacked: true, low: ptr(0),
			description: "Subscriptions that are being served, by transport.",
			queries:     []query{{`sum by (transport) (restore_gateway_streams_open{GATEWAY})`, "{{transport}}"}},
		},
		{
			title: "Ends by reason", width: 12, unit: "cpm", stacked: true, low: ptr(0),
			description: "Subscriptions a minute that ended. unreachable: the client took no event; life: --stream-life; " +
				"expired: the caller's credential.",
			queries: []query{{perMinute("reason", `restore_gateway_streams_ended_total{GATEWAY}`), "{{reason}}"}},
		},
		{
			title: "Events", width: 8, unit: "cpm", low: ptr(0),
			description: "Events a minute. stale: those that said that Atlas does not answer; dropped: a newer one " +
				"replaced them before their client took them.",
			queries: []query{
				{perMinute("", `restore_gateway_stream_events_total{GATEWAY}`), "sent"},
				{perMinute("", `restore_gateway_stream_stale_events_total{GATEWAY}`), "stale"},
				{perMinute("", `restore_gateway_stream_dropped_events_total{GATEWAY}`), "dropped"},
			},
		},
		{
			title: "Polls by outcome", width: 8, unit: "cpm", stacked: true, low: ptr(0),
			description: "Polls of watched clusters a minute. deferred: the requests are left to queries; adopted: " +
				"another replica made it.",
			queries: []query{{perMinute("outcome", `restore_gateway_watch_polls_total{GATEWAY}`), "{{outcome}}"}},
		},
		{
			title: "Watched clusters", width: 8, unit: "none", stacked: true, low: ptr(0),
			description: "Clusters, and lists of clusters, that are polled because their jobs are watched.",
			queries:     []query{{`restore_gateway_watch_pollers{GATEWAY}`, "{{instance}}"}},
		},
	}},
	{question: "Does the cache help?", panels: []panel{
		{
			title: "Lookups that were hits", width: 8, unit: "percentunit", low: ptr(0), high: ptr(1),
			description: "Share of the lookups that needed no request to Atlas, by what was read.",
			queries: []query{{
				perSecond("kind", `restore_gateway_cache_lookups_total{UPSTREAM, result=~"hit|shared"}`) + ` / (` +
					perSecond("kind", `restore_gateway_cache_lookups_total{UPSTREAM}`) + ` > 0)`, "{{kind}}",
			}},
		},
		{
			title: "Lookups by result", width: 8, unit: "ops", stacked: true, low: ptr(0),
			description: "shared: another replica had read it; bypass: the client sent no-cache.",
			queries:     []query{{perSecond("result", `restore_gateway_cache_lookups_total{UPSTREAM}`), "{{result}}"}},
		},
		{
			title: "Lookups that joined a request in flight", width: 8, unit: "ops", stacked: true, low: ptr(0),
			description: "Lookups without a hit that were answered by a request that another one had sent.",
			queries:     []query{{perSecond("kind", `restore_gateway_shared_calls_total{UPSTREAM}`), "{{kind}}"}},
		},
		{
			title: "Size", width: 8, unit: "bytes", low: ptr(0),
			description: "Size of the cache of each gateway, and its bound: --cache-bytes.",
			queries: []query{
				{`sum by (instance, credential) (restore_gateway_cache_bytes{UPSTREAM})`, "{{instance}} {{credential}}"},
				{`max(restore_gateway_cache_max_bytes{UPSTREAM})`, "bound"},
			},
		},
		{
			title: "Entries", width: 8, unit: "none", stacked: true, low: ptr(0),
			description: "Cached results by kind; missing: it is cached that something does not exist.",
			queries:     []query{{`sum by (kind) (restore_gateway_cache_entries{UPSTREAM})`, "{{kind}}"}},
		},
		{
			title: "Removed entries", width: 8, unit: "cpm", stacked: true, low: ptr(0),
			description: "Entries a minute. overflow: the cache was full; many of them call for larger --cache-bytes.",
			queries:     []query{{perMinute("reason", `restore_gateway_cache_evictions_total{UPSTREAM}`), "{{reason}}"}},
		},
	}},
	{question: "Do the replicas share? (with --replica-redis)", panels: []panel{
		{
			title: "Redis", width: 8, unit: "none",
			states: []string{"away", "answers"}, low: ptr(0), high: ptr(1), none: "no --replica-redis",
			description: "Whether Redis answers. While it does not, each replica reads, polls and caches by itself.",
			queries:     []query{{`restore_gateway_replica_up{GATEWAY}`, "{{instance}}"}},
		},
		{
			title: "Live replicas", width: 8, unit: "none", low: ptr(0), none: "no --replica-redis",
			description: "Replicas that each gateway knows, itself included: the same number everywhere, where all share.",
			queries:     []query{{`restore_gateway_replica_live_replicas{GATEWAY}`, "{{instance}}"}},
		},
		{
			title: "Commands by outcome", width: 8, unit: "ops", stacked: true, low: ptr(0), none: "no --replica-redis",
			description: "Commands for Redis. skipped: not sent, because it does not answer.",
			queries:     []query{{perSecond("outcome", `restore_gateway_replica_commands_total{GATEWAY}`), "{{outcome}}"}},
		},
		{
			title: "Time for a command", width: 8, unit: "s", low: ptr(0), none: "no --replica-redis",
			description: "Mean time for a command that was sent to Redis.",
			queries: []query{{
				perSecond("instance", `restore_gateway_replica_command_seconds_total{GATEWAY}`) + ` / (` +
					perSecond("instance", `restore_gateway_replica_commands_total{GATEWAY, outcome!="skipped"}`) + ` > 0)`,
				"{{instance}}",
			}},
		},
		{
			title: "Lost values", width: 8, unit: "cpm", low: ptr(0), none: "no --replica-redis",
			description: "Values a minute. dropped: too many waited to be written, or larger than 2 MiB; unreadable: " +
				"sealed with no secret that is known.",
			queries: []query{{perMinute("reason", `restore_gateway_replica_values_lost_total{GATEWAY}`), "{{reason}}"}},
		},
		{
			title: "Messages", width: 8, unit: "ops", low: ptr(0), none: "no --replica-redis",
			description: "Messages that were received from replicas.",
			queries:     []query{{perSecond("instance", `restore_gateway_replica_messages_total{GATEWAY}`), "{{instance}}"}},
		},
	}},
	{question: "What does the process need?", panels: []panel{
		{
			title: "Memory", width: 8, unit: "bytes", low: ptr(0),
			description: "Resident memory of the process, and the heap that Go uses. docs/operations.md says how much is " +
				"normal.",
			queries: []query{
				{`process_resident_memory_bytes{GATEWAY}`, "{{instance}} resident"},
				{`go_memstats_heap_inuse_bytes{GATEWAY}`, "{{instance}} heap"},
			},
		},
		{
			title: "Memory of responses", width: 8, unit: "bytes", low: ptr(0),
			description: "Responses that are being written, at most --max-answer-memory.",
			queries:     []query{{`restore_gateway_http_answer_bytes{GATEWAY}`, "{{instance}}"}},
		},
		{
			title: "CPU", width: 8, unit: "none", low: ptr(0),
			description: "CPU cores in use.",
			queries:     []query{{`rate(process_cpu_seconds_total{GATEWAY}[$__rate_interval])`, "{{instance}}"}},
		},
		{
			title: "Goroutines", width: 8, unit: "none", low: ptr(0),
			description: "Goroutines: a few for each open connection and subscription. A number that only grows is a defect.",
			queries:     []query{{`go_goroutines{GATEWAY}`, "{{instance}}"}},
		},
		{
			title: "File descriptors", width: 8, unit: "percentunit", low: ptr(0), high: ptr(1),
			description: "Share of the file descriptors of the process that are open: connections need one each.",
			queries:     []query{{`process_open_fds{GATEWAY} / process_max_fds{GATEWAY}`, "{{instance}}"}},
			limits:      []limit{{value: .8, color: "red"}},
		},
		{
			title: "Dropped log lines", width: 8, unit: "cpm", low: ptr(0),
			description: "Log lines a minute that were not written: the reader did not keep up, or the write failed.",
			queries: []query{{
				`rate(restore_gateway_log_dropped_lines_total{GATEWAY}[$__rate_interval]) * 60`,
				"{{instance}}",
			}},
		},
	}},
}
