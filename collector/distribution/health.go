package main

import (
	"cmp"
	"fmt"
	"net/http"
	"os"
	"time"
)

// What the health_check extension listens on unless it is told otherwise: config/collector.yaml has it too.
const defaultHealth = "127.0.0.1:13133"

const healthTimeout = 3 * time.Second

// An image without a shell has nothing else to ask the health endpoint with. The builder writes main() anew, hence init().
func init() {
	if len(os.Args) == 2 && os.Args[1] == "health" {
		os.Exit(health(cmp.Or(os.Getenv("TECHSAPO_COLLECTOR_HEALTH"), defaultHealth)))
	}
}

// health returns 0 if a Collector answers at the address that it is healthy, else 1, and says why.
func health(address string) int {
	client := http.Client{Timeout: healthTimeout, Transport: &http.Transport{}}
	answer, err := client.Get("http://" + address + "/")
	if err != nil {
		fmt.Fprintln(os.Stderr, "techsapo-collector health:", err)
		return 1
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		fmt.Fprintf(os.Stderr, "techsapo-collector health: %s answers %s\n", address, answer.Status)
		return 1
	}
	return 0
}
