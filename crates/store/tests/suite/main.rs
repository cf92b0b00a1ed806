//! What the store promises, on both databases: one behaviour suite, each case a test per database.
//!
//! SQLite runs always, in a temporary folder. Postgres runs where `ASKWELL_TEST_POSTGRES_URL` names a server on which
//! databases may be created; with `CI=true` a missing server is a failure.
#![allow(clippy::unwrap_used, reason = "clippy.toml allows it in tests, and this is nothing else")]

mod archive;
mod article;
mod attachment;
mod audit;
mod automation;
mod bulk_job;
mod concurrency;
mod conversation;
mod customer;
mod database;
mod erasure;
mod field;
mod fixture;
mod handling;
mod history;
mod imported;
mod job;
mod learning;
mod log;
mod mention;
mod opening;
mod people;
mod plan;
mod publication;
mod report;
mod role;
mod routing;
mod schedule;
mod second_factor;
mod sla;
mod team;
mod ticket;
mod ticket_text;
mod vector;
mod view;
mod waiting_reply;
mod webhook;

/// Makes two tests of each case, one per database. A macro because a test is found, run and reported by its name.
macro_rules! on_both_databases {
    ($($module:ident { $($case:ident)* })*) => {
        mod sqlite {$(
            mod $module {$(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    crate::database::on_sqlite(|db| Box::pin(crate::$module::$case(db))).await;
                }
            )*}
        )*}
        mod postgres {$(
            mod $module {$(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    crate::database::on_postgres(|db| Box::pin(crate::$module::$case(db))).await;
                }
            )*}
        )*}
    };
}

on_both_databases! {
    opening {
        opening_again_keeps_everything
        opening_at_the_same_time_migrates_once
        a_newer_schema_is_refused_and_left_alone
        an_address_of_another_kind_is_refused
        what_is_not_committed_never_happened
        a_conflict_leaves_the_transaction_usable
        a_backup_is_a_database_of_its_own
    }
    article {
        articles_are_found_by_id_slug_and_external_id
        readers_find_only_what_is_published_for_them
        an_address_or_external_id_is_taken_once
        old_addresses_lead_to_the_article
        collections_count_what_the_reader_may_read
        a_page_of_articles_never_splits_one
        links_are_in_order_and_only_of_the_locale
        order_is_by_bytes_whatever_the_server_speaks
        working_texts_are_for_the_team
        a_changed_article_or_text_must_exist
    }
    publication {
        publishing_replaces_what_readers_see
        publishing_writes_change_log_and_outbox
        withdrawn_texts_are_gone_from_the_next_read
        a_restriction_holds_from_the_next_read
        publishing_needs_a_text_and_a_new_number
        published_texts_come_whole_and_in_pages
        text_of_every_script_survives
    }
    learning {
        solved_tickets_are_remembered_once_and_again_when_they_are_solved_again
        what_is_old_or_of_a_customer_is_forgotten
        one_version_at_most_is_in_use
        remembered_tickets_are_read_by_the_team
        proposed_questions_are_replaced_until_they_are_decided
        a_forgotten_customer_leaves_no_proposed_question
    }
    plan {
        lists_are_read_by_index
        reports_are_read_by_index
        bulk_jobs_are_read_by_index
    }
    view {
        views_are_had_by_whom_they_are_shared_with
        a_changed_view_is_another_list
    }
    report {
        sums_are_added_to_and_go_when_nothing_is_left
        sums_are_read_of_the_teams_that_are_seen
        a_life_is_read_whole_and_in_order
        conversations_count_once_somebody_has_spoken
        facts_are_kept_by_generation
        names_schedules_and_votes_are_read_for_reports
    }
    automation {
        canned_replies_are_had_by_whom_they_are_shared_with
        macros_are_kept_with_their_actions
        rules_are_kept_in_their_order_with_what_became_of_them
        a_rule_takes_each_ticket_once_until_somebody_touches_it
        what_a_rule_is_done_with_is_not_read_again
        a_team_with_what_it_shares_stays
    }
    bulk_job {
        jobs_are_somebodys_and_bounded
        tickets_of_a_job_are_taken_one_after_the_other
        a_selection_is_what_a_list_admits
    }
    vector {
        vectors_are_stored_by_model_and_text
        many_vectors_are_read_at_once
        unused_vectors_are_deleted
    }
    conversation {
        a_conversation_is_read_by_its_own_people
        turns_keep_their_order_and_their_place
        feedback_counts_once
        overdue_handoffs_are_listed_until_they_have_a_ticket
        traces_are_for_the_team
    }
    customer {
        identities_are_one_customers
        what_only_one_conversation_knows_is_nobody_elses
        domains_say_who_belongs
        a_filter_admits_the_same_customers_in_the_database_and_in_memory
        customers_are_found_by_index
        likely_duplicates_are_grouped
        notes_belong_to_a_customer_or_an_organisation
        segments_are_kept_while_an_article_is_for_them
        merges_remember_what_they_moved
        history_is_one_time_line_for_who_may_read_it
        fields_of_customers_are_their_own
    }
    ticket {
        tickets_are_numbered_and_one_per_conversation
        a_ticket_is_read_by_its_own_people
        tickets_are_listed_in_every_order_in_pages
        customers_read_replies_only
        a_changed_ticket_keeps_its_number
        a_filter_admits_the_same_in_the_database_and_in_memory
        groups_come_one_after_the_other
        tags_are_replaced
        many_tickets_are_added_at_once
        suggestions_remember_what_became_of_them
    }
    field {
        fields_are_defined_and_changed
    }
    history {
        the_history_of_a_ticket_is_the_teams
        histories_are_read_in_pages_wherever_the_ticket_is
    }
    handling {
        statuses_are_added_and_changed
        how_a_ticket_is_handled_is_stored_whole
        snoozed_tickets_are_due_in_order
        merged_tickets_are_read_with_the_one_that_is_left
        messages_move_from_their_own_ticket_only
        addresses_in_copy_are_found_and_forgotten
        links_are_seen_from_both_ends_by_the_team
        what_was_done_is_undone_once
    }
    ticket_text {
        tickets_are_read_in_order_and_by_id
        what_was_said_is_read_by_its_own_people
        of_much_that_was_said_the_newest_is_kept
    }
    team {
        people_are_in_teams
        a_team_with_tickets_stays
        conversations_are_seen_with_their_tickets
    }
    second_factor {
        a_code_is_accepted_once_and_so_is_a_recovery_code
        a_sign_in_waits_for_its_second_step
        a_subject_means_one_person
    }
    role {
        roles_are_kept_while_somebody_has_them
    }
    people {
        customers_are_known_by_address
        users_sign_in_by_address
        people_are_changed_and_counted_by_role
        sessions_end
        sessions_are_listed_by_use_and_bounded
        a_sign_in_link_works_once
        an_invite_is_one_and_works_once
        attempts_are_counted_one_after_the_other
        keys_die_when_revoked_or_expired
        a_rotated_key_is_found_by_both_secrets
    }
    schedule {
        schedules_are_stored_whole
        a_schedule_that_somebody_works_by_stays
        absences_are_listed_until_they_end
        agents_work_as_it_was_set
    }
    sla {
        policies_are_listed_in_their_order
        clocks_are_due_until_they_have_said_it
        a_changed_policy_or_schedule_lets_open_clocks_be_looked_at
        a_tickets_life_is_its_public_messages_and_statuses_in_order
    }
    routing {
        the_people_of_teams_come_with_all_that_routing_asks
        a_ticket_waits_to_be_looked_at_until_it_is
        decisions_are_kept_for_who_sees_the_ticket
    }
    job {
        a_job_runs_once_when_it_completes
        a_lost_lease_gives_the_job_to_another
        a_job_that_always_fails_is_set_aside
        a_key_keeps_one_job_waiting
    }
    log {
        events_are_numbered_in_commit_order
        votes_are_counted_over_versions
        searches_without_hits_are_the_gaps
        searches_that_led_to_an_article_are_counted
        an_idempotency_key_has_one_response
    }
    erasure {
        a_customer_goes_when_nothing_refers_to_them
        kept_responses_are_emptied_where_a_text_stands
        drafts_go_with_their_tickets_and_their_sources
    }
    imported {
        imported_tickets_are_found_by_source_and_batch
        imported_customers_leave_only_that_there_was_one
        messages_that_are_there_are_not_added_again
    }
    archive {
        an_archived_ticket_is_read_as_before_by_its_own_people
        each_place_has_its_own_list
        what_is_old_enough_is_archived_and_closed
        a_conversation_finds_its_ticket_in_the_archive
        what_was_learned_of_archived_tickets_stays
        what_archived_tickets_refer_to_is_kept_or_let_go
        a_deleted_ticket_leaves_nothing
    }
    audit {
        entries_follow_one_another
        entries_are_found_by_who_what_and_when
        old_entries_go_and_the_chain_begins_after_them
    }
    attachment {
        a_file_is_read_with_its_message
        a_file_is_part_of_one_message
        files_go_when_they_are_of_no_use
    }
    waiting_reply {
        replies_wait_in_another_ticket_and_go_back
        replies_wait_for_their_time
    }
    mention {
        mentions_are_listed_and_marked
        html_of_a_message_is_kept_until_its_words_go
    }
    webhook {
        webhooks_are_stored_as_they_are
        secrets_end_and_are_few
        an_event_is_queued_once_for_a_webhook_and_in_order
        a_message_that_is_given_up_lets_the_next_one_go
        two_processes_never_send_the_same_message
        a_disabled_webhook_has_nothing_due
        a_finished_message_is_sent_again_beside_the_order
        the_log_comes_in_pages_and_is_forgotten
        events_wait_for_their_messages
    }
    concurrency {
        eight_requests_open_one_ticket
        fifty_writers_never_see_a_lock
        two_processes_share_a_database
    }
}
