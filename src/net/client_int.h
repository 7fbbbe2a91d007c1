/* What every HTTP client of ours keeps to: http and https only, nobody is followed elsewhere, nothing is unpacked, no signals, an end in
 * time. How much is heard is for the function that hears it. */
#ifndef WHARF_NET_CLIENT_INT_H
#define WHARF_NET_CLIENT_INT_H

#include <curl/curl.h>

/* A handle for curl_easy_perform or a multi handle; the caller cleans it up. `why` gets curl's words of a failure. */
CURL *client_new(const char *url, int timeout_ms, curl_write_callback hear, void *ctx, char why[CURL_ERROR_SIZE]);

#endif
