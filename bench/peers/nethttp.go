// What Go's net/http takes for the exchange that an HTTP check makes: a yardstick of bench/checks.py.
//
//	nethttp URL REQUESTS AT_ONCE [CA.pem]
//
// Gets URL over a fresh connection each time (verified against CA.pem, never resumed), AT_ONCE of them
// in flight, and reads the body. Prints this process's CPU time (user and system) per request, in
// microseconds.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strconv"
	"sync"
	"syscall"
)

func main() {
	if len(os.Args) < 4 {
		log.Fatal("usage: nethttp URL REQUESTS AT_ONCE [CA.pem]")
	}
	url, requests, atOnce := os.Args[1], number(os.Args[2]), number(os.Args[3])
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: settings()}}
	get(client, url) // what is loaded once is not counted
	before := cpuMicroseconds()
	run(client, url, requests, atOnce)
	fmt.Printf("%.2f\n", (cpuMicroseconds()-before)/float64(requests))
}

func run(client *http.Client, url string, requests, atOnce int) {
	var workers sync.WaitGroup
	turns := make(chan struct{}, requests)
	for i := 0; i < requests; i++ {
		turns <- struct{}{}
	}
	close(turns)
	for i := 0; i < atOnce; i++ {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for range turns {
				get(client, url)
			}
		}()
	}
	workers.Wait()
}

func get(client *http.Client, url string) {
	response, err := client.Get(url)
	if err != nil {
		log.Fatal(err)
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil || response.StatusCode != 200 {
		log.Fatal(response.Status, err)
	}
}

func settings() *tls.Config {
	if len(os.Args) < 5 {
		return nil
	}
	pem, err := os.ReadFile(os.Args[4])
	if err != nil {
		log.Fatal(err)
	}
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(pem)
	return &tls.Config{RootCAs: trusted}
}

func number(word string) int {
	value, err := strconv.Atoi(word)
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func cpuMicroseconds() float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		log.Fatal(err)
	}
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e3
}
