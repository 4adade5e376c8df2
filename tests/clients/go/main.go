// The Go SDK's client against server-everything. It asks by server/discover first and falls back to initialize.
//
//	go-client http|sse URL http|sse   (transport of the client, its URL, transport of the server)
//
// Prints one JSON line a check: {check, ok, detail}; skip says why this pairing cannot show it.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

const (
	wait    = 10 * time.Second
	rootURI = "file:///srv/router-test"
	sampled = "sampled by the test client"
)

var failed = false

func say(line map[string]any) {
	text, _ := json.Marshal(line)
	fmt.Println(string(text))
}

func check(ctx context.Context, name string, body func(context.Context) (string, error)) {
	ctx, cancel := context.WithTimeout(ctx, 3*wait)
	defer cancel()
	detail, err := body(ctx)
	if err != nil {
		failed = true
		detail = err.Error()
	}
	say(map[string]any{"check": name, "ok": err == nil, "detail": detail})
}

// until asks again until the answer is good or the time is over.
func until(ctx context.Context, look func() (bool, string, error)) error {
	end := time.Now().Add(wait)
	for {
		good, seen, err := look()
		if err != nil || good {
			return err
		}
		if time.Now().After(end) {
			return fmt.Errorf("not within %v; the last answer: %s", wait, seen)
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// A client with what its handlers were given.
type tester struct {
	session *mcp.ClientSession
	logs    chan *mcp.LoggingMessageParams
	updates chan string
	mutex   sync.Mutex
	steps   map[any][]float64 // progress token -> what came
	first   chan any          // tokens whose first step came
}

func connect(ctx context.Context, transport, url string) (*tester, error) {
	t := &tester{
		logs:    make(chan *mcp.LoggingMessageParams, 64),
		updates: make(chan string, 64),
		steps:   map[any][]float64{},
		first:   make(chan any, 64),
	}
	client := mcp.NewClient(&mcp.Implementation{Name: "router-test-go", Version: "1.0.0"}, &mcp.ClientOptions{
		CreateMessageHandler: func(context.Context, *mcp.CreateMessageRequest) (*mcp.CreateMessageResult, error) {
			return &mcp.CreateMessageResult{Role: "assistant", Model: "test", Content: &mcp.TextContent{Text: sampled}}, nil
		},
		ElicitationHandler: func(context.Context, *mcp.ElicitRequest) (*mcp.ElicitResult, error) {
			return &mcp.ElicitResult{Action: "accept", Content: map[string]any{"name": "Ada Lovelace", "check": true, "integer": 7}}, nil
		},
		LoggingMessageHandler: func(_ context.Context, r *mcp.LoggingMessageRequest) { t.logs <- r.Params },
		ResourceUpdatedHandler: func(_ context.Context, r *mcp.ResourceUpdatedNotificationRequest) {
			t.updates <- r.Params.URI
		},
		ProgressNotificationHandler: func(_ context.Context, r *mcp.ProgressNotificationClientRequest) {
			t.mutex.Lock()
			defer t.mutex.Unlock()
			t.steps[r.Params.ProgressToken] = append(t.steps[r.Params.ProgressToken], r.Params.Progress)
			if len(t.steps[r.Params.ProgressToken]) == 1 {
				t.first <- r.Params.ProgressToken
			}
		},
	})
	client.AddRoots(&mcp.Root{URI: rootURI, Name: "router test root"})
	var link mcp.Transport = &mcp.StreamableClientTransport{Endpoint: url}
	if transport == "sse" {
		link = &mcp.SSEClientTransport{Endpoint: url}
	}
	session, err := client.Connect(ctx, link, nil)
	t.session = session
	return t, err
}

type arguments = map[string]any

func (t *tester) call(ctx context.Context, name string, args arguments, token any) (string, *mcp.CallToolResult, error) {
	params := &mcp.CallToolParams{Name: name, Arguments: args}
	if token != nil {
		params.SetProgressToken(token)
	}
	result, err := t.session.CallTool(ctx, params)
	if err != nil {
		return "", nil, err
	}
	var texts []string
	for _, c := range result.Content {
		if text, ok := c.(*mcp.TextContent); ok {
			texts = append(texts, text.Text)
		}
	}
	return strings.Join(texts, "\n"), result, nil
}

// contains calls a tool and wants a text in its answer.
func (t *tester) contains(ctx context.Context, want, tool string, args arguments) error {
	text, _, err := t.call(ctx, tool, args, nil)
	if err == nil && !strings.Contains(text, want) {
		err = fmt.Errorf("%s: %q is missing in %q", tool, want, text)
	}
	return err
}

func (t *tester) toolsList(ctx context.Context) (string, error) {
	count := 0
	// Tools that need a capability of the client appear once `initialized` has been handled.
	err := until(ctx, func() (bool, string, error) {
		var names []string
		for tool, err := range t.session.Tools(ctx, nil) {
			if err != nil {
				return false, "", err
			}
			names = append(names, tool.Name)
		}
		count = len(names)
		for _, name := range []string{"echo", "get-sum", "trigger-sampling-request", "trigger-elicitation-request", "get-roots-list"} {
			if !slices.Contains(names, name) {
				return false, strings.Join(names, ", "), nil
			}
		}
		return true, "", nil
	})
	return fmt.Sprintf("%d tools", count), err
}

func (t *tester) toolsCall(ctx context.Context) (string, error) {
	message := "Grüße, 世界 🌍 \"quoted\" \\ \u2028 " + strings.Repeat("x", 20_000)
	text, _, err := t.call(ctx, "echo", arguments{"message": message}, nil)
	if err != nil {
		return "", err
	}
	if text != "Echo: "+message {
		return "", fmt.Errorf("echo: not what was sent")
	}
	if err := t.contains(ctx, "42", "get-sum", arguments{"a": 20, "b": 22}); err != nil {
		return "", err
	}
	_, weather, err := t.call(ctx, "get-structured-content", arguments{"location": "Chicago"}, nil)
	if err != nil {
		return "", err
	}
	if structured, ok := weather.StructuredContent.(map[string]any); !ok || structured["temperature"] == nil {
		return "", fmt.Errorf("no structured content: %v", weather.StructuredContent)
	}
	if _, bad, err := t.call(ctx, "get-sum", arguments{"a": "x"}, nil); err == nil && !bad.IsError {
		return "", fmt.Errorf("wrong arguments were accepted")
	}
	return "", nil
}

func (t *tester) parallel(ctx context.Context) (string, error) {
	faults := make(chan error, 40)
	for i := range 40 {
		go func() {
			text, _, err := t.call(ctx, "echo", arguments{"message": fmt.Sprint("no ", i)}, nil)
			if err == nil && text != fmt.Sprint("Echo: no ", i) {
				err = fmt.Errorf("answer %d is %q", i, text)
			}
			faults <- err
		}()
	}
	var first error
	for range 40 {
		if err := <-faults; err != nil && first == nil {
			first = err
		}
	}
	return "40 calls at once", first
}

func (t *tester) progress(ctx context.Context) (string, error) {
	const token = "token of the Go client"
	text, _, err := t.call(ctx, "trigger-long-running-operation", arguments{"duration": 0.5, "steps": 5}, token)
	if err != nil {
		return "", err
	}
	if !strings.Contains(text, "completed") {
		return "", fmt.Errorf("%s", text)
	}
	var seen []float64
	err = until(ctx, func() (bool, string, error) {
		t.mutex.Lock()
		defer t.mutex.Unlock()
		seen = slices.Clone(t.steps[token])
		return len(seen) == 5, fmt.Sprint(seen), nil
	})
	if err == nil && !slices.Equal(seen, []float64{1, 2, 3, 4, 5}) {
		err = fmt.Errorf("out of order: %v", seen)
	}
	return fmt.Sprint(seen), err
}

func (t *tester) roots(ctx context.Context) (string, error) {
	return "", until(ctx, func() (bool, string, error) {
		text, _, err := t.call(ctx, "get-roots-list", arguments{}, nil)
		return strings.Contains(text, rootURI), text, err
	})
}

func (t *tester) logging(ctx context.Context) (string, error) {
	if err := t.session.SetLoggingLevel(ctx, &mcp.SetLoggingLevelParams{Level: "debug"}); err != nil {
		return "", err
	}
	if _, _, err := t.call(ctx, "toggle-simulated-logging", arguments{}, nil); err != nil {
		return "", err
	}
	late := time.After(wait)
	for {
		select {
		case message := <-t.logs:
			if text := fmt.Sprint(message.Data); !strings.Contains(text, "level") || !strings.Contains(text, "message") {
				continue
			}
			_, _, err := t.call(ctx, "toggle-simulated-logging", arguments{}, nil)
			return string(message.Level), err
		case <-late:
			return "", fmt.Errorf("no log message within %v", wait)
		}
	}
}

func (t *tester) subscription(ctx context.Context) (string, error) {
	const uri = "demo://resource/dynamic/text/1"
	read, err := t.session.ReadResource(ctx, &mcp.ReadResourceParams{URI: uri})
	if err != nil {
		return "", err
	}
	if len(read.Contents) != 1 || read.Contents[0].URI != uri {
		return "", fmt.Errorf("resources/read: another resource")
	}
	if err := t.session.Subscribe(ctx, &mcp.SubscribeParams{URI: uri}); err != nil {
		return "", err
	}
	if _, _, err := t.call(ctx, "toggle-subscriber-updates", arguments{}, nil); err != nil {
		return "", err
	}
	select {
	case updated := <-t.updates:
		if updated != uri {
			return "", fmt.Errorf("an update of %s", updated)
		}
	case <-time.After(wait):
		return "", fmt.Errorf("no notifications/resources/updated within %v", wait)
	}
	if _, _, err := t.call(ctx, "toggle-subscriber-updates", arguments{}, nil); err != nil {
		return "", err
	}
	return "", t.session.Unsubscribe(ctx, &mcp.UnsubscribeParams{URI: uri})
}

func (t *tester) prompts(ctx context.Context) (string, error) {
	prompt, err := t.session.GetPrompt(ctx, &mcp.GetPromptParams{
		Name: "args-prompt", Arguments: map[string]string{"city": "Oslo", "state": "Norway"},
	})
	if err != nil {
		return "", err
	}
	if text, _ := json.Marshal(prompt.Messages); !strings.Contains(string(text), "Oslo") {
		return "", fmt.Errorf("the argument is missing in the prompt: %s", text)
	}
	found, err := t.session.Complete(ctx, &mcp.CompleteParams{
		Ref:      &mcp.CompleteReference{Type: "ref/prompt", Name: "completable-prompt"},
		Argument: mcp.CompleteParamsArgument{Name: "department", Value: "E"},
	})
	if err == nil && !slices.Contains(found.Completion.Values, "Engineering") {
		err = fmt.Errorf("completion: %v", found.Completion.Values)
	}
	return "", err
}

func (t *tester) cancellation(ctx context.Context) (string, error) {
	const token = "to be cancelled"
	began := time.Now()
	stopping, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		for {
			select {
			case seen := <-t.first:
				if seen == token {
					stop()
					return
				}
			case <-stopping.Done():
				return
			}
		}
	}()
	_, _, err := t.call(stopping, "trigger-long-running-operation", arguments{"duration": 2, "steps": 8}, token)
	if err == nil {
		return "", fmt.Errorf("the call was answered all the same")
	}
	if took := time.Since(began); took > 1500*time.Millisecond {
		return "", fmt.Errorf("the call ended only after %v", took)
	}
	return "", t.contains(ctx, "Echo: on", "echo", arguments{"message": "on"})
}

// The relay in front cuts this answer after its second step; the transport is to come back for the rest.
func (t *tester) reconnection(ctx context.Context) (string, error) {
	text, _, err := t.call(ctx, "trigger-long-running-operation", arguments{"duration": 0.9, "steps": 6}, "to be cut")
	if err == nil && !strings.Contains(text, "completed") {
		err = fmt.Errorf("%s", text)
	}
	return "", err
}

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: go-client http|sse URL http|sse")
		os.Exit(2)
	}
	ctx := context.Background()
	var t *tester
	check(ctx, "connect", func(limited context.Context) (string, error) {
		// The SSE stream lives as long as the context that it was opened with, so that must not be the one of the check.
		made := make(chan error, 1)
		go func() {
			var err error
			t, err = connect(ctx, os.Args[1], os.Args[2])
			made <- err
		}()
		select {
		case err := <-made:
			if err != nil {
				return "", err
			}
		case <-limited.Done():
			return "", fmt.Errorf("no connection: %w", limited.Err())
		}
		result := t.session.InitializeResult()
		if result.ServerInfo.Name != "mcp-servers/everything" || len(result.Instructions) < 100 {
			return "", fmt.Errorf("the server is %s, its instructions are %d bytes", result.ServerInfo.Name, len(result.Instructions))
		}
		return result.ServerInfo.Name, nil
	})
	if failed {
		os.Exit(1)
	}
	check(ctx, "tools-list", t.toolsList)
	check(ctx, "tools-call", t.toolsCall)
	check(ctx, "parallel", t.parallel)
	check(ctx, "progress", t.progress)
	check(ctx, "sampling", func(ctx context.Context) (string, error) {
		return "", t.contains(ctx, sampled, "trigger-sampling-request", arguments{"prompt": "say it"})
	})
	check(ctx, "elicitation", func(ctx context.Context) (string, error) {
		return "", t.contains(ctx, "Ada Lovelace", "trigger-elicitation-request", arguments{})
	})
	check(ctx, "roots", t.roots)
	check(ctx, "logging", t.logging)
	check(ctx, "subscription", t.subscription)
	check(ctx, "prompts", t.prompts)
	check(ctx, "cancellation", t.cancellation)
	if os.Getenv("MCPR_CUTTER") != "" {
		check(ctx, "reconnection", t.reconnection)
	} else {
		say(map[string]any{"check": "reconnection", "skip": "needs streamable HTTP on both sides and the relay of run.py"})
	}
	check(ctx, "close", func(context.Context) (string, error) { return "", t.session.Close() })
	if failed {
		os.Exit(1)
	}
}
