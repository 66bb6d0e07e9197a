// Package subscription serves the events of subscriptions. Subscriptions that have the same events are a group, in which
// an event is executed once for all. A stream is the subscription of one client: it has the latest event and no queue,
// ends when its caller loses the right to it, and knows why it has ended. What an event is, how it is executed and who
// the caller is, the gateway says (Spec); when to execute, package watch says.
package subscription
