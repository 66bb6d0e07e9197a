package helm

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metavalidation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// properties hold whatever the values are.
var properties = []struct {
	name  string
	check func(*testing.T, release)
}{
	{name: "names and labels are valid", check: checkNames},
	{name: "no secret is made", check: checkKinds},
	{name: "pods have no privileges", check: checkPrivileges},
	{name: "selectors select the pods", check: checkSelectors},
	{name: "ports fit together", check: checkPorts},
	{name: "the admin port is not public", check: checkAdminPort},
	{name: "mounted files exist", check: checkFiles},
	{name: "the grace period is long enough", check: checkGracePeriod},
	{name: "a single pod can be evicted", check: checkDisruptionBudget},
	{name: "the memory limit is respected", check: checkMemory},
	{name: "the number of pods has one owner", check: checkReplicas},
	{name: "callers authenticate, or are meant not to", check: checkExposure},
	{name: "the gateway accepts its settings", check: checkConfig},
}

func TestChart_holdsItsPropertiesForAllValues(t *testing.T) {
	t.Parallel()
	for _, r := range rows() {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			rendered := render(t, r.values)
			for _, p := range properties {
				t.Run(p.name, func(t *testing.T) { p.check(t, rendered) })
			}
		})
	}
}

func checkNames(t *testing.T, r release) {
	t.Helper()
	seen := map[string]bool{}
	for _, object := range r.objects {
		o, err := meta.Accessor(object)
		if err != nil {
			t.Fatal(err)
		}
		kind := object.GetObjectKind().GroupVersionKind().Kind
		id := kind + "/" + o.GetName()
		if seen[id] {
			t.Errorf("%s is rendered twice", id)
		}
		seen[id] = true
		if problems := validation.IsDNS1035Label(o.GetName()); len(problems) > 0 {
			t.Errorf("%s: %s", id, problems)
		}
		if o.GetNamespace() != "" {
			t.Errorf("%s names a namespace, and belongs into that of the release", id)
		}
		problems := metavalidation.ValidateLabels(o.GetLabels(), field.NewPath(id))
		for _, name := range []string{"name", "instance", "version", "managed-by", "component"} {
			if o.GetLabels()["app.kubernetes.io/"+name] == "" {
				t.Errorf("%s has no label %s", id, name)
			}
		}
		for key := range o.GetAnnotations() {
			for _, problem := range validation.IsQualifiedName(strings.ToLower(key)) {
				t.Errorf("%s: annotation %s: %s", id, key, problem)
			}
		}
		if len(problems) > 0 {
			t.Errorf("%s: %v", id, problems)
		}
	}
}

// Secrets are made by the operator, and the gateway calls no Kubernetes API that a role would be for.
func checkKinds(t *testing.T, r release) {
	t.Helper()
	for _, object := range r.objects {
		switch object.(type) {
		case *appsv1.Deployment, *corev1.ConfigMap, *corev1.Service, *corev1.ServiceAccount, *corev1.Pod,
			*policyv1.PodDisruptionBudget, *autoscalingv2.HorizontalPodAutoscaler, *networkingv1.NetworkPolicy,
			*networkingv1.Ingress, *monitoringv1.ServiceMonitor, *monitoringv1.PrometheusRule:
		default:
			t.Errorf("a %T is rendered", object)
		}
	}
}

func checkPrivileges(t *testing.T, r release) {
	t.Helper()
	specs := map[string]corev1.PodSpec{"deployment": one[*appsv1.Deployment](t, r, "").Spec.Template.Spec}
	for _, pod := range all[*corev1.Pod](r) {
		specs[pod.Name] = pod.Spec
	}
	if len(specs) != 2 {
		t.Errorf("there are %d pods, want that of the Deployment and that of the test", len(specs))
	}
	for name, spec := range specs {
		if token := spec.AutomountServiceAccountToken; token == nil || *token {
			t.Errorf("%s: a token is mounted", name)
		}
		if links := spec.EnableServiceLinks; links == nil || *links {
			t.Errorf("%s: variables of Services are set", name)
		}
		if spec.HostNetwork || spec.HostPID || spec.HostIPC {
			t.Errorf("%s: a namespace of the node is shared", name)
		}
		pod := spec.SecurityContext
		if pod == nil || pod.RunAsNonRoot == nil || !*pod.RunAsNonRoot || pod.RunAsUser != nil && *pod.RunAsUser == 0 {
			t.Errorf("%s: the user may be root", name)
		}
		for _, c := range spec.Containers {
			s := c.SecurityContext
			want := &corev1.SecurityContext{
				AllowPrivilegeEscalation: new(false), ReadOnlyRootFilesystem: new(true), RunAsNonRoot: new(true),
				Capabilities:   &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
				SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
			}
			if !equality.Semantic.DeepEqual(s, want) {
				t.Errorf("%s: security context %v", name, s)
			}
		}
		for _, v := range spec.Volumes {
			if v.HostPath != nil {
				t.Errorf("%s: the volume %s is a folder of the node", name, v.Name)
			}
		}
	}
	for _, account := range all[*corev1.ServiceAccount](r) {
		if token := account.AutomountServiceAccountToken; token == nil || *token {
			t.Errorf("the account %s has a token mounted", account.Name)
		}
	}
}

func checkSelectors(t *testing.T, r release) {
	t.Helper()
	deployment := one[*appsv1.Deployment](t, r, "")
	pod := labels.Set(deployment.Spec.Template.Labels)
	selectors := map[string]*metav1.LabelSelector{"deployment": deployment.Spec.Selector}
	for _, s := range all[*corev1.Service](r) {
		selectors["service "+s.Name] = &metav1.LabelSelector{MatchLabels: s.Spec.Selector}
	}
	for _, b := range all[*policyv1.PodDisruptionBudget](r) {
		selectors["disruption budget"] = b.Spec.Selector
	}
	for _, n := range all[*networkingv1.NetworkPolicy](r) {
		selectors["network policy"] = &n.Spec.PodSelector
	}
	for i, c := range deployment.Spec.Template.Spec.TopologySpreadConstraints {
		selectors["spread "+strconv.Itoa(i)] = c.LabelSelector
	}
	for name, s := range selectors {
		selector, err := metav1.LabelSelectorAsSelector(s)
		switch {
		case err != nil:
			t.Errorf("%s: %v", name, err)
		case selector.Empty() || !selector.Matches(pod):
			t.Errorf("%s: %s does not select the pods, %v", name, selector, pod)
		}
		for _, other := range all[*corev1.Pod](r) {
			if selector.Matches(labels.Set(other.Labels)) {
				t.Errorf("%s: %s selects the pod of the test, too", name, selector)
			}
		}
	}
	for _, h := range all[*autoscalingv2.HorizontalPodAutoscaler](r) {
		if target := h.Spec.ScaleTargetRef; target.Kind != "Deployment" || target.APIVersion != "apps/v1" ||
			target.Name != deployment.Name {
			t.Errorf("the autoscaler's target is %v", target)
		}
	}
	for _, m := range all[*monitoringv1.ServiceMonitor](r) {
		selector, err := metav1.LabelSelectorAsSelector(&m.Spec.Selector)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range all[*corev1.Service](r) {
			if selector.Matches(labels.Set(s.Labels)) != strings.HasSuffix(s.Name, "-admin") {
				t.Errorf("the ServiceMonitor's %s does not select the admin Service alone: %s", selector, s.Name)
			}
		}
	}
}

// ports returns the ports of the container by name.
func ports(t *testing.T, r release) map[string]int32 {
	t.Helper()
	found := map[string]int32{}
	for _, p := range r.container(t).Ports {
		if problems := validation.IsValidPortName(p.Name); len(problems) > 0 {
			t.Errorf("port %s: %v", p.Name, problems)
		}
		found[p.Name] = p.ContainerPort
	}
	return found
}

func checkPorts(t *testing.T, r release) {
	t.Helper()
	container, settings := ports(t, r), r.settings(t)
	for name, setting := range map[string]string{"public": "listen", "admin": "admin-listen"} {
		if want := fmt.Sprintf(":%d", container[name]); settings[setting] != want {
			t.Errorf("%s is %v, and the port of the container %s", setting, settings[setting], want)
		}
	}
	for _, s := range all[*corev1.Service](r) {
		for _, p := range s.Spec.Ports {
			if container[p.TargetPort.String()] == 0 || p.TargetPort.Type != intstr.String {
				t.Errorf("the Service %s has the port %s of no container", s.Name, &p.TargetPort)
			}
		}
	}
	c := r.container(t)
	for name, probe := range map[string]*corev1.Probe{
		"startup /health/ready": c.StartupProbe,
		"ready /health/ready":   c.ReadinessProbe,
		"live /health/live":     c.LivenessProbe,
	} {
		_, want, _ := strings.Cut(name, " ")
		if probe == nil || probe.HTTPGet == nil || probe.HTTPGet.Path != want || probe.HTTPGet.Port.String() != "admin" {
			t.Errorf("%s: the probe is %v", name, probe)
		}
	}
	for _, n := range all[*networkingv1.NetworkPolicy](r) {
		for _, rule := range n.Spec.Ingress {
			for _, p := range rule.Ports {
				if container[p.Port.String()] == 0 {
					t.Errorf("the network policy has the port %s of no container", p.Port)
				}
			}
		}
	}
	public := one[*corev1.Service](t, r, "")
	for _, i := range all[*networkingv1.Ingress](r) {
		for _, rule := range i.Spec.Rules {
			for _, p := range rule.HTTP.Paths {
				if s := p.Backend.Service; s.Name != public.Name || s.Port.Name != public.Spec.Ports[0].Name {
					t.Errorf("the Ingress names %v", s)
				}
			}
		}
	}
	for _, m := range all[*monitoringv1.ServiceMonitor](r) {
		admin := one[*corev1.Service](t, r, "-admin")
		for _, e := range m.Spec.Endpoints {
			if e.Port != admin.Spec.Ports[0].Name || e.Path != "/metrics" {
				t.Errorf("the ServiceMonitor names %s%s", e.Port, e.Path)
			}
		}
	}
}

func checkAdminPort(t *testing.T, r release) {
	t.Helper()
	for _, s := range all[*corev1.Service](r) {
		admin := strings.HasSuffix(s.Name, "-admin")
		for _, p := range s.Spec.Ports {
			if (p.TargetPort.String() == "admin") != admin {
				t.Errorf("the Service %s has the port %s", s.Name, p.Name)
			}
		}
		if admin && (s.Spec.ClusterIP != corev1.ClusterIPNone || s.Spec.Type != "") {
			t.Errorf("the admin Service is a %s with the address %q", s.Spec.Type, s.Spec.ClusterIP)
		}
	}
	for _, n := range all[*networkingv1.NetworkPolicy](r) {
		if want := []networkingv1.PolicyType{"Ingress", "Egress"}; !slices.Equal(n.Spec.PolicyTypes, want) {
			t.Errorf("the network policy is for %v", n.Spec.PolicyTypes)
		}
		for _, rule := range n.Spec.Ingress {
			if len(rule.Ports) != 1 || len(rule.From) == 0 {
				t.Errorf("a rule opens %d ports to %d peers; no peers would be all of them", len(rule.Ports), len(rule.From))
			}
		}
		for _, rule := range n.Spec.Egress {
			if len(rule.Ports) == 0 {
				t.Errorf("a rule opens all ports to %v", rule.To)
			}
		}
	}
}

// checkFiles finds each file that is named in a volume that is mounted as a whole: Kubernetes does not replace a file
// that is mounted by a subPath.
func checkFiles(t *testing.T, r release) {
	t.Helper()
	spec, c := one[*appsv1.Deployment](t, r, "").Spec.Template.Spec, r.container(t)
	data := one[*corev1.ConfigMap](t, r, "").Data
	volumes, used := map[string]corev1.Volume{}, map[string]bool{}
	for _, v := range spec.Volumes {
		if _, twice := volumes[v.Name]; twice {
			t.Errorf("there are two volumes %s", v.Name)
		}
		volumes[v.Name] = v
	}
	files, folders := map[string]bool{}, []string{}
	for _, m := range c.VolumeMounts {
		v, there := volumes[m.Name]
		if !there || m.SubPath != "" || m.SubPathExpr != "" {
			t.Errorf("the mount %v has no volume, or a path in it", m)
		}
		for _, other := range folders {
			if strings.HasPrefix(m.MountPath+"/", other+"/") || strings.HasPrefix(other+"/", m.MountPath+"/") {
				t.Errorf("%s and %s overlap", m.MountPath, other)
			}
		}
		used[m.Name], folders = true, append(folders, m.MountPath)
		if v.Projected == nil {
			files[m.MountPath+"/*"] = true
			continue
		}
		if mode := *cmp.Or(v.Projected.DefaultMode, new(int32)); !m.ReadOnly || mode != 0o440 {
			t.Errorf("%s: read-only %t, mode %o", m.Name, m.ReadOnly, mode)
		}
		for _, source := range v.Projected.Sources {
			for file := range projected(t, source, data) {
				if files[path.Join(m.MountPath, file)] {
					t.Errorf("two sources have the file %s", file)
				}
				files[path.Join(m.MountPath, file)] = true
			}
		}
	}
	for name := range volumes {
		if !used[name] {
			t.Errorf("the volume %s is not mounted", name)
		}
	}
	config, found := strings.CutPrefix(c.Args[0], "--config=")
	if len(c.Args) != 1 || !found || !files[config] {
		t.Errorf("the arguments are %q", c.Args)
	}
	for key, value := range r.settings(t) {
		file, isText := value.(string)
		if isText && path.IsAbs(file) && !files[file] && !files[path.Dir(file)+"/*"] {
			t.Errorf("%s names %s, which is not mounted: %v", key, file, slices.Sorted(maps.Keys(files)))
		}
	}
}

// projected returns the files of a source. One without items has all keys, which are made up.
func projected(t *testing.T, source corev1.VolumeProjection, data map[string]string) map[string]bool {
	t.Helper()
	var items []corev1.KeyToPath
	switch {
	case source.ConfigMap != nil:
		items = source.ConfigMap.Items
		for _, item := range items {
			if source.ConfigMap.Name == "restores-atlas-restore-gateway" && data[item.Key] == "" {
				t.Errorf("the ConfigMap has no %s", item.Key)
			}
		}
	case source.Secret != nil:
		if items = source.Secret.Items; items == nil {
			return map[string]bool{"a-key": true}
		}
	default:
		t.Errorf("the source %v is neither a ConfigMap nor a Secret", source)
	}
	if len(items) == 0 {
		t.Errorf("the source %v has no items", source)
	}
	files := map[string]bool{}
	for _, item := range items {
		files[item.Path] = true
	}
	return files
}

// closeDelay is how long connections can be used once more after the delay: see docs/operations.md.
const closeDelay = 500 * time.Millisecond

func checkGracePeriod(t *testing.T, r release) {
	t.Helper()
	settings, spec := r.settings(t), one[*appsv1.Deployment](t, r, "").Spec.Template.Spec
	needed := closeDelay + time.Second
	for _, key := range []string{"shutdown-delay", "shutdown-grace"} {
		d, err := time.ParseDuration(fmt.Sprint(settings[key]))
		if err != nil {
			t.Fatal(err)
		}
		needed += d
	}
	got := time.Duration(*cmp.Or(spec.TerminationGracePeriodSeconds, new(int64))) * time.Second
	if got < needed {
		t.Errorf("the pod has %s to end, and the gateway needs %s", got, needed)
	}
	if r.container(t).Lifecycle != nil {
		t.Error("there is a hook, which takes of the grace period")
	}
}

func checkDisruptionBudget(t *testing.T, r release) {
	t.Helper()
	for _, b := range all[*policyv1.PodDisruptionBudget](r) {
		if b.Spec.MinAvailable != nil || b.Spec.MaxUnavailable == nil {
			t.Fatalf("the budget is %v", b.Spec)
		}
		if n, err := intstr.GetScaledValueFromIntOrPercent(b.Spec.MaxUnavailable, 1, true); err != nil || n < 1 {
			t.Errorf("of one pod %d may be evicted, %v", n, err)
		}
	}
}

func checkMemory(t *testing.T, r release) {
	t.Helper()
	c := r.container(t)
	limit, limited := c.Resources.Limits[corev1.ResourceMemory]
	var values []string
	for _, e := range c.Env {
		if e.Name == "GOMEMLIMIT" {
			values = append(values, e.Value)
		}
	}
	switch {
	case slices.Equal(values, []string{"200MiB"}): // of the part that sets it
	case len(values) > 1 || (len(values) == 1) != limited:
		t.Errorf("GOMEMLIMIT is %q, and the limit %s", values, &limit)
	case limited:
		n, err := strconv.ParseInt(values[0], 10, 64)
		if err != nil || n < limit.Value()*8/10 || n > limit.Value()*95/100 {
			t.Errorf("GOMEMLIMIT is %d, %v, and the limit %d", n, err, limit.Value())
		}
	}
}

func checkReplicas(t *testing.T, r release) {
	t.Helper()
	spec, settings := one[*appsv1.Deployment](t, r, "").Spec, r.settings(t)
	scaled := len(all[*autoscalingv2.HorizontalPodAutoscaler](r)) > 0
	if (spec.Replicas == nil) != scaled {
		t.Errorf("the Deployment has a number of replicas: %t, and an autoscaler: %t", spec.Replicas != nil, scaled)
	}
	surges := spec.Strategy.Type != appsv1.RecreateDeploymentStrategyType
	if settings["single-replica"] == true && (scaled || *spec.Replicas > 1 || surges) {
		t.Errorf("there can be two of a single replica: %v", spec.Strategy)
	}
	if settings["actions"] == true && settings["single-replica"] != true && settings["replica-redis"] == nil {
		t.Error("replicas can make an action twice")
	}
	if rolling := spec.Strategy.RollingUpdate; surges && (rolling == nil || rolling.MaxSurge.IntValue() == 0 &&
		rolling.MaxUnavailable.IntValue() == 0) {
		t.Errorf("pods cannot be replaced: %v", rolling)
	}
}

func checkExposure(t *testing.T, r release) {
	t.Helper()
	settings := r.settings(t)
	if open := settings["serve-everyone-without-authentication"] == true; open == (settings["auth"] != nil) {
		t.Errorf("auth is %v, and everyone is served %t", settings["auth"], open)
	}
}
