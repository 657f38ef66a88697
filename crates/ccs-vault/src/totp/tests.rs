use super::*;

/// RFC 6238, appendix B, with the secrets of its erratum 2866.
#[test]
fn the_vectors_of_rfc_6238_hold() {
    let secret = |length: usize| Secret::new(b"1234567890".repeat(7)[..length].to_vec());
    let vectors = [
        (59, "94287082", "46119246", "90693936"),
        (1_111_111_109, "07081804", "68084774", "25091201"),
        (1_111_111_111, "14050471", "67062674", "99943326"),
        (1_234_567_890, "89005924", "91819424", "93441116"),
        (2_000_000_000, "69279037", "90698825", "38618901"),
        (20_000_000_000, "65353130", "77737706", "47863826"),
    ];
    for (time, sha1, sha256, sha512) in vectors {
        for (algorithm, expected) in [
            (Algorithm::Sha1, sha1),
            (Algorithm::Sha256, sha256),
            (Algorithm::Sha512, sha512),
        ] {
            let codes = Codes::new(algorithm, 8).expect("codes");
            let code = codes.code(&secret(algorithm.secret_length()), time);
            assert_eq!(
                code.expose(),
                expected.as_bytes(),
                "{algorithm:?} at {time}"
            );
            let short = Codes::new(algorithm, 6).expect("codes");
            let code = short.code(&secret(algorithm.secret_length()), time);
            assert_eq!(code.expose(), &expected.as_bytes()[2..]);
        }
    }
}

fn generator() -> Generator {
    Generator::new(Codes::default()).expect("a generator")
}

fn code_at(generator: &Generator, time: u64) -> Secret {
    generator.codes.code(&generator.secret, time)
}

#[test]
fn a_code_is_good_one_step_before_and_after_and_no_further() {
    for (skew, expected) in [
        (-60, Code::Wrong),
        (-30, Code::Accepted),
        (30, Code::Accepted),
        (60, Code::Wrong),
    ] {
        let mut generator = generator();
        let code = code_at(&generator, 1_000_000_i64.wrapping_add(skew) as u64);
        assert_eq!(
            generator.look(&code, 1_000_000).expect("a look"),
            expected,
            "{skew}"
        );
    }
}

#[test]
fn a_code_is_good_once_and_so_is_every_one_before_it() {
    let mut generator = generator();
    let (earlier, code) = (code_at(&generator, 970), code_at(&generator, 1000));
    assert_eq!(generator.look(&code, 1000).expect("a look"), Code::Accepted);
    assert_eq!(generator.look(&code, 1000).expect("a look"), Code::Used);
    assert_eq!(generator.look(&earlier, 1000).expect("a look"), Code::Used);
    let next = code_at(&generator, 1030);
    assert_eq!(generator.look(&next, 1030).expect("a look"), Code::Accepted);
}

#[test]
fn after_five_wrong_codes_even_the_right_one_has_to_wait_longer_each_time() {
    let mut generator = generator();
    for _ in 0..5 {
        assert_eq!(
            generator.look(&Secret::new("x"), 9000).expect("a look"),
            Code::Wrong
        );
    }
    let code = code_at(&generator, 9000);
    assert!(matches!(
        generator.look(&code, 9010),
        Err(Error::Wait { seconds: 20 })
    ));
    assert_eq!(
        generator.look(&Secret::new("x"), 9030).expect("a look"),
        Code::Wrong
    );
    assert!(matches!(
        generator.look(&code, 9030),
        Err(Error::Wait { seconds: 60 })
    ));
    let code = code_at(&generator, 9090);
    assert_eq!(generator.look(&code, 9090).expect("a look"), Code::Accepted);
    assert_eq!(
        generator.look(&Secret::new("x"), 9090).expect("a look"),
        Code::Wrong
    );
}

#[test]
fn a_clock_that_was_far_ahead_and_was_put_right_shuts_nobody_out() {
    let failed_at = |now: u64| {
        let mut generator = generator();
        for _ in 0..5 {
            assert!(generator.look(&Secret::new("x"), now).is_ok());
        }
        generator
    };
    let mut a_year_ahead = failed_at(90_000 + 31_536_000);
    let code = code_at(&a_year_ahead, 90_000);
    assert_eq!(
        a_year_ahead.look(&code, 90_000).expect("a look"),
        Code::Accepted
    );
    let mut a_second_ahead = failed_at(90_001);
    assert!(matches!(
        a_second_ahead.look(&code, 90_000),
        Err(Error::Wait { seconds: 30 })
    ));
}

#[test]
fn codes_of_another_length_or_no_digits_are_wrong() {
    let mut generator = generator();
    let code = code_at(&generator, 0);
    let long = [code.expose(), b"0"].concat();
    for wrong in [
        Vec::new(),
        long,
        code.expose()[1..].to_vec(),
        "１２３４５６".into(),
    ] {
        let mut fresh = self::generator();
        assert_eq!(
            fresh.look(&Secret::new(wrong), 0).expect("a look"),
            Code::Wrong
        );
    }
    assert!(Codes::new(Algorithm::Sha1, 5).is_err());
    assert!(Codes::new(Algorithm::Sha1, 9).is_err());
    // step 0 was never accepted, but counts as used: time does not begin in 1970
    assert_eq!(generator.look(&code, 0).expect("a look"), Code::Used);
}

#[test]
fn an_enrolment_names_everything_an_app_needs() {
    let generator = Generator::new(Codes::new(Algorithm::Sha256, 7).expect("codes")).expect("one");
    let enrolment = generator.enrolment("ccs on box", "dev@example.org");
    let secret = String::from_utf8(enrolment.secret.expose().to_vec()).expect("text");
    let url = String::from_utf8(enrolment.url.expose().to_vec()).expect("text");
    assert_eq!(secret.len(), 52);
    assert_eq!(
        url,
        format!(
            "otpauth://totp/ccs%20on%20box:dev%40example.org?secret={secret}\
             &issuer=ccs%20on%20box&algorithm=SHA256&digits=7&period=30"
        )
    );
}
