//! What callers of the upstream see and what is recorded of it, as test bodies that any world can run.

pub(crate) mod broken;
pub(crate) mod capacity;
pub(crate) mod changes;
pub(crate) mod connects;
pub(crate) mod deeds;
pub(crate) mod demands;
pub(crate) mod fates;
pub(crate) mod faults;
pub(crate) mod holds;
pub(crate) mod limits;
pub(crate) mod partitions;
pub(crate) mod records;
pub(crate) mod responses;
pub(crate) mod rows;
pub(crate) mod scripts;
pub(crate) mod silences;
pub(crate) mod slow;

/// Makes a test of each body. The file that uses this gives `fn world() -> Arc<dyn World>`.
macro_rules! conforms {
    () => {
        $crate::conformance::conforms! {
            responses: a_body_is_as_long_as_its_head_says chunked_bodies_have_a_last_chunk
                some_responses_have_no_body request_bodies_are_read_to_their_end the_first_route_that_fits_serves
                latency_counts_from_the_head statuses_bring_their_own_headers_and_body;
            faults: a_reset_before_the_headers_sends_nothing a_reset_in_the_body_comes_after_exactly_so_many_bytes
                a_close_is_an_end_of_the_stream a_truncated_body_is_short_of_its_content_length
                a_truncated_chunked_body_has_no_last_chunk a_hang_lasts_until_the_caller_closes
                a_hang_lasts_until_the_caller_resets faults_come_when_the_answer_would_have_come
                a_response_without_a_body_is_cut_before_its_head;
            broken: a_malformed_head_is_sent_and_then_the_connection_is_closed
                a_malformed_chunk_size_comes_in_a_chunked_response a_broken_json_text_is_all_that_is_wrong
                a_length_can_promise_too_much_or_too_little where_no_body_can_be_broken_the_head_is_cut
                a_redirect_leads_back_to_where_it_came_from a_flood_is_exactly_as_large_as_asked
                only_the_response_that_is_hit_is_broken pipelined_responses_before_a_broken_one_are_whole
                a_slow_body_is_broken_and_slow;
            slow: a_stall_before_the_headers_holds_everything_back a_stall_in_the_body_holds_back_the_rest
                a_stall_can_hold_back_the_last_chunk_alone a_connection_goes_on_after_a_stall
                a_caller_may_leave_during_a_stall a_slow_body_is_never_ahead_of_its_pace a_slow_body_can_be_cut;
            capacity: who_comes_first_is_served_first who_finds_no_place_is_turned_away_at_once
                a_caller_that_leaves_frees_its_worker_and_its_place where_disconnects_are_ignored_the_work_goes_on
                ignored_work_ends_in_its_time what_has_begun_may_be_finished_without_its_caller
                whose_turn_comes_too_late_is_turned_away more_workers_begin_with_who_waits
                a_route_of_its_own_does_not_wait_for_the_others latency_comes_after_the_service
                a_slow_upload_keeps_a_worker_no_longer_than_its_work;
            holds: a_cohort_is_answered_at_one_instant a_cohort_may_meet_what_is_drawn a_cohort_may_be_reset
                retries_are_held_only_where_it_is_said time_lets_a_cohort_go_that_is_too_small
                a_caller_that_leaves_makes_room_in_its_cohort one_cohort_follows_another_where_it_is_asked_for
                a_cohort_waits_for_the_latency_of_all who_is_turned_away_is_in_no_cohort each_phase_gathers_anew
                who_is_held_at_the_end_is_unfinished;
            silences: the_first_after_a_silence_are_probes a_probe_is_answered_late a_probe_may_never_be_answered
                a_silence_may_begin_before_its_phase who_says_what_it_meets_is_no_probe;
            changes: a_change_is_in_force_for_all_that_comes_after_it
                a_change_that_cannot_be_performed_changes_nothing a_change_hands_out_no_new_burst
                a_jump_leads_to_another_segment_and_a_reset_back a_jump_brings_the_workers_of_its_segment;
            connects: refusing_resets_what_is_open_and_ends_on_the_same_port refusing_resets_what_is_being_served
                a_blackhole_answers_no_connect_and_leaves_open_connections_alone
                a_connection_can_be_reset_after_accept a_connection_can_be_silent
                a_plan_may_begin_with_nobody_listening;
            partitions: what_is_under_way_comes_after_the_heal
                a_caller_that_gives_up_is_noticed_after_the_heal connects_wait_for_the_heal;
            limits: seconds_text_and_date exact_tells_when_a_token_is_free each_tenant_has_a_limit_of_its_own
                a_rejection_skips_all_later_stages;
            records: each_request_is_recorded_once_with_its_times retries_of_a_call_are_counted
                what_is_open_at_the_end_is_unfinished a_slow_request_does_not_count_as_held_back
                pipelined_requests_are_recorded_each
                a_caller_that_leaves_in_the_middle_of_its_request;
            deeds: what_is_done_is_what_is_asked_for_and_answered_so
                what_is_done_is_done_although_nobody_hears_of_it a_key_that_took_effect_is_answered_the_same_and_done_once
                an_order_whose_answer_was_lost_is_not_done_again
                who_leaves_the_queue_is_not_done_unless_nobody_notices;
            rows: a_write_takes_only_from_the_current_version where_it_may_a_write_takes_without_a_version
                a_row_is_touched_when_the_answer_is_due_and_only_by_what_succeeds;
            scripts: each_call_meets_the_steps_in_turn all_attempts_at_a_route_share_its_turns
                a_step_lasts_from_the_first_attempt_of_a_call
                a_step_of_a_route_lasts_from_the_beginning_of_the_phase the_turns_of_a_route_begin_anew_with_each_phase
                a_step_says_how_an_attempt_ends_and_leaves_the_rest_as_it_is who_is_turned_away_has_had_its_turn;
            demands: a_request_meets_what_it_demands a_demand_that_cannot_be_read_is_told_what_to_write
                a_demand_that_cannot_be_read_takes_its_token
                without_leave_a_demand_means_nothing a_connection_is_read_from_only_after_its_delay
                delays_of_connections_are_drawn_one_by_one a_body_is_hashed_however_it_is_sent
                a_body_that_is_too_large_is_refused_and_the_connection_closed;
            fates: only_some_requests_of_a_kept_connection_are_hit fates_do_not_depend_on_concurrency;
        }
    };
    ($($room:ident: $($body:ident)*;)*) => {$($(
        #[test]
        fn $body() {
            $crate::conformance::$room::$body(&world());
        }
    )*)*};
}
pub(crate) use conforms;
