package gateway

import (
	"context"

	"github.com/99designs/gqlgen/graphql"

	"atlas-restore-gateway/graph/fastpath"
	"atlas-restore-gateway/graph/generated"
	"atlas-restore-gateway/graph/model"
)

// direct answers operations that want nothing but plain fields of jobs, asked for by their
// keys: what dashboards ask again and again. Once the jobs are read there is nothing left to run
// and to wait for, and to execute such fields all the same would be a third of what the
// operation costs.
//
// It knows success alone. Whatever is not plain, and before all an error, is for gqlgen: what
// was read is not read again.
type direct struct{ query generated.QueryResolver }

// usualJobBytes is what a few fields of a job take.
const usualJobBytes = 200

// answer answers an operation with these root fields, whose jobs can be read without one
// waiting for the other. It is nil when gqlgen is to execute the operation.
func (d direct) answer(ctx context.Context, fields []jobRoot) (answer *graphql.Response) {
	if len(fields) == 0 {
		return nil
	}
	defer func() {
		if recover() != nil {
			// Executed again, it is an error of one field.
			answer = nil
		}
	}()
	w := fastpath.Writer{Max: smallAnswer}
	if size := answerSizeOf(ctx); size != nil {
		w.Max = int(min(size.max, smallAnswer))
	}
	w.Grow(usualJobBytes * len(fields))
	w.Text("{")
	for i, field := range fields {
		job, err := d.job(ctx, field.job)
		if err != nil {
			return nil
		}
		w.Name(field.Alias, i == 0)
		if !generated.WritePlain(ctx, &w, field.Selections, job) {
			return nil
		}
	}
	w.Text("}")
	if w.Full() {
		return nil
	}
	return &graphql.Response{Data: w.JSON()}
}

// job asks the resolver that gqlgen would ask.
func (d direct) job(ctx context.Context, ref reference) (any, error) {
	group, cluster, id := model.ObjectID(ref.key[0]), model.ClusterName(ref.key[1]), model.ObjectID(ref.key[2])
	switch ref.typename {
	case "ServerlessRestoreJob":
		return d.query.ServerlessRestoreJob(ctx, group, cluster, id)
	case "FlexRestoreJob":
		return d.query.FlexRestoreJob(ctx, group, cluster, id)
	case "DedicatedRestoreJob":
		return d.query.DedicatedRestoreJob(ctx, group, cluster, id)
	default:
		return d.query.RestoreJob(ctx, group, cluster, id)
	}
}
